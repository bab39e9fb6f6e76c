"use client";
import { Button, TextInput } from "@mantine/core";
import Link from "next/link";
import { useState } from "react";
// A lost password: asking for the mail, and, by the link in it, choosing another one.
import form from "@/components/form.module.css";
import { useLinkToken } from "@/lib/link-token";
import { AuthCard } from "./auth-card";
import classes from "./auth-card.module.css";
import { NewPassword } from "./new-password";
import { ApiError, faultOf, useReset, useResetRequest } from "./queries";

export function ResetView() {
  const token = useLinkToken();
  const [isSpent, setSpent] = useState<string | null>(null);
  if (!token || token === isSpent) return <AskForMail />;
  return <ChooseAnother key={token} token={token} onSpent={() => setSpent(token)} />;
}

function AskForMail() {
  const request = useResetRequest();
  const [email, setEmail] = useState("");
  if (request.isSuccess) {
    return (
      <AuthCard title="Look into your mail">
        <p className={form.done} role="status">
          {request.data.detail}
        </p>
        <p>The link in it holds for an hour, and only the newest one works.</p>
      </AuthCard>
    );
  }
  return (
    <AuthCard
      title="Forgot the password?"
      lead="A mail with a link is sent, by which you choose another one."
    >
      <form
        className={form.form}
        onSubmit={(event) => {
          event.preventDefault();
          request.mutate(email);
        }}
      >
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        {request.error && (
          <p className={form.fault} role="alert">
            {request.error.message}
          </p>
        )}
        <Button type="submit" loading={request.isPending} fullWidth>
          Send the mail
        </Button>
      </form>
      <p className={classes.links}>
        <Link href="/login" prefetch={false}>
          Back to signing in
        </Link>
      </p>
    </AuthCard>
  );
}

function ChooseAnother({ token, onSpent }: { token: string; onSpent: () => void }) {
  const reset = useReset();
  const [password, setPassword] = useState("");
  if (reset.isSuccess) {
    return (
      <AuthCard title="The password is changed">
        <p className={form.done} role="status">
          Every browser that was signed in is signed out.
        </p>
        <Link href="/login" prefetch={false} className="button-primary">
          Sign in
        </Link>
      </AuthCard>
    );
  }
  const fault = faultOf(reset.error, "password");
  return (
    <AuthCard title="Choose another password">
      <form
        className={form.form}
        onSubmit={(event) => {
          event.preventDefault();
          reset.mutate({ token, password });
        }}
      >
        <NewPassword label="New password" value={password} fault={fault} onChange={setPassword} />
        {reset.error && !fault && (
          <p className={form.fault} role="alert">
            {reset.error.message}
          </p>
        )}
        {reset.error instanceof ApiError && reset.error.code === "link_not_valid" && (
          <Button variant="default" onClick={onSpent} fullWidth>
            Ask for a new mail
          </Button>
        )}
        <Button type="submit" loading={reset.isPending} fullWidth>
          Change the password
        </Button>
      </form>
    </AuthCard>
  );
}
