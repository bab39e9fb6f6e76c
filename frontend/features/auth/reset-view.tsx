"use client";
// A lost password: asking for the mail, and, by the link in it, choosing another one.
import { Button, TextInput } from "@mantine/core";
import Link from "next/link";
import { useState } from "react";
import { useLinkToken } from "@/lib/link-token";
import { AuthCard } from "./auth-card";
import classes from "./auth-card.module.css";
import { NewPassword } from "./new-password";
import { faultOf, useReset, useResetRequest } from "./queries";

export function ResetView() {
  const token = useLinkToken();
  return token ? <ChooseAnother token={token} /> : <AskForMail />;
}

function AskForMail() {
  const request = useResetRequest();
  const [email, setEmail] = useState("");
  if (request.isSuccess) {
    return (
      <AuthCard title="Look into your mail">
        <p className={classes.done} role="status">
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
        className={classes.form}
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
          <p className={classes.error} role="alert">
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

function ChooseAnother({ token }: { token: string }) {
  const reset = useReset();
  const [password, setPassword] = useState("");
  if (reset.isSuccess) {
    return (
      <AuthCard title="The password is changed">
        <p className={classes.done} role="status">
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
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          reset.mutate({ token, password });
        }}
      >
        <NewPassword label="New password" value={password} fault={fault} onChange={setPassword} />
        {reset.error && !fault && (
          <p className={classes.error} role="alert">
            {reset.error.message}
          </p>
        )}
        <Button type="submit" loading={reset.isPending} fullWidth>
          Change the password
        </Button>
      </form>
    </AuthCard>
  );
}
