import { IconTagOff } from "@tabler/icons-react";
import Link from "next/link";
import { Notice } from "@/components/notice";

export function DealMissing() {
  return (
    <Notice
      heading="h1"
      icon={<IconTagOff size={24} stroke={1.5} />}
      title="This deal is not here any more"
      action={
        <Link href="/deals" className="button-primary">
          See the deals that are live
        </Link>
      }
    >
      <p>
        It was sold or ended, or the marketplace asks that listings this old are not shown. Or the address is
        mistyped.
      </p>
    </Notice>
  );
}
