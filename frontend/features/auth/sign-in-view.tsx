"use client";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import Link from "next/link";
import { useState } from "react";
// Address and password, then the code where the account has a second factor; back to where one came from.
import form from "@/components/form.module.css";
import { ownPath } from "@/lib/sign-in-address";
import { AuthCard } from "./auth-card";
import classes from "./auth-card.module.css";
import { ApiError, type Credentials, useSignIn } from "./queries";
import { useCurrentSession } from "./session";

export function SignInView({ next }: { next: string | null }) {
  const choices = useCurrentSession()?.sign_in;
  const signIn = useSignIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const asked = signIn.error instanceof ApiError ? signIn.error.code : null;
  const [codeWanted, setCodeWanted] = useState(false);
  if (asked === "second_factor_required" && !codeWanted) setCodeWanted(true);

  const enter = (credentials: Credentials) =>
    signIn.mutate(credentials, {
      // A whole new page, so that everything on it is asked for as who one is now.
      onSuccess: () => window.location.assign(ownPath(next) ?? "/deals"),
    });
  const busy = signIn.isPending || signIn.isSuccess;
  return (
    <AuthCard title="Sign in">
      <form
        className={form.form}
        onSubmit={(event) => {
          event.preventDefault();
          enter({ email, password, ...(codeWanted && { code }) });
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
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {codeWanted && (
          <TextInput
            label="Code"
            description="From your authenticator, or one of your recovery codes"
            name="code"
            autoComplete="one-time-code"
            required
            withAsterisk={false}
            autoFocus
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        )}
        {signIn.error && asked !== "second_factor_required" && (
          <p className={form.fault} role="alert">
            {signIn.error.message}
          </p>
        )}
        <Button type="submit" loading={busy} fullWidth>
          Sign in
        </Button>
      </form>
      <p className={classes.links}>
        <Link href="/reset" prefetch={false}>
          Forgot the password?
        </Link>
        {choices?.registration_open && (
          <Link href="/register" prefetch={false}>
            Make an account
          </Link>
        )}
      </p>
      {choices && choices.demo_accounts.length > 0 && (
        <div className={classes.demo}>
          <h2>Try the demo as</h2>
          <div className={classes.demoChoices}>
            {choices.demo_accounts.map((account) => (
              <Button
                key={account.email}
                variant="default"
                disabled={busy}
                onClick={() => enter({ email: account.email, password: account.password })}
              >
                {account.display_name.replace(/^Demo /, "").replace(/^./, (letter) => letter.toUpperCase())}
              </Button>
            ))}
          </div>
        </div>
      )}
    </AuthCard>
  );
}
