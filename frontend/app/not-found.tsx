import { IconMapOff } from "@tabler/icons-react";
import Link from "next/link";
import { Notice } from "@/components/notice";

export default function NotFound() {
  return (
    <Notice
      heading="h1"
      icon={<IconMapOff size={24} stroke={1.5} />}
      title="There is no such page"
      action={
        <Link href="/deals" className="button-primary">
          See the deals
        </Link>
      }
    >
      <p>The address may be mistyped, or the page has moved.</p>
    </Notice>
  );
}
