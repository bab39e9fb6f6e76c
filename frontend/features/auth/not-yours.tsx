import { IconLock } from "@tabler/icons-react";
import { Notice } from "@/components/notice";
import type { Role } from "./queries";

const WHOM: Record<Role, string> = {
  buyer: "accounts that buy",
  seller: "accounts that sell",
  admin: "administrators",
};

/** A page for accounts of another kind. Says who can change that. */
export function NotYours({ needs }: { needs: Role }) {
  return (
    <Notice icon={<IconLock size={20} />} title={`This page is for ${WHOM[needs]}`} heading="h1">
      <p>Your account is not one of them. An administrator of this Deal Scout can change that.</p>
    </Notice>
  );
}
