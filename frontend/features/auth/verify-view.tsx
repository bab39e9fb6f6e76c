"use client";
import { Button } from "@mantine/core";
import Link from "next/link";
// The link that shows that a mailbox is one's own. A press uses it: programs that look through mail open links too.
import form from "@/components/form.module.css";
import { useLinkToken } from "@/lib/link-token";
import { AuthCard } from "./auth-card";
import { useVerify } from "./queries";

export function VerifyView() {
  const token = useLinkToken();
  const verify = useVerify();
  if (verify.isSuccess) {
    return (
      <AuthCard title="The address is confirmed">
        <p className={form.done} role="status">
          It is yours. You can sign in with it now.
        </p>
        <Link href="/login" prefetch={false} className="button-primary">
          Sign in
        </Link>
      </AuthCard>
    );
  }
  const isMissing = token === "";
  return (
    <AuthCard title="Confirm your address">
      {isMissing ? (
        <p className={form.fault} role="alert">
          This address has no token. Open the link in the mail once more, or ask for a new mail by signing in.
        </p>
      ) : (
        <p>One press, and the address that this mail came to is known to be yours.</p>
      )}
      {verify.error && (
        <p className={form.fault} role="alert">
          {verify.error.message}
        </p>
      )}
      <Button
        disabled={!token}
        loading={verify.isPending}
        fullWidth
        onClick={() => verify.mutate(token ?? "")}
      >
        Confirm my address
      </Button>
    </AuthCard>
  );
}
