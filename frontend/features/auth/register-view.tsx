"use client";
import { Button, TextInput } from "@mantine/core";
import Link from "next/link";
import { useState } from "react";
// Asking for an account. What follows is a mail, whatever is known of the address.
import form from "@/components/form.module.css";
import { AuthCard } from "./auth-card";
import classes from "./auth-card.module.css";
import { NewPassword } from "./new-password";
import { faultOf, type Role, useRegister } from "./queries";
import { useCurrentSession } from "./session";

const WISHES: readonly { role: Role; label: string }[] = [
  { role: "buyer", label: "Buy: find what costs less than it is worth" },
  { role: "seller", label: "Sell: price and list what I have" },
];
const FIELDS = ["email", "display_name", "password", "roles"];

export function RegisterView() {
  const choices = useCurrentSession()?.sign_in;
  const register = useRegister();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [roles, setRoles] = useState<Role[]>(["buyer", "seller"]);

  if (choices && !choices.registration_open) {
    return (
      <AuthCard title="Registration is closed" lead={choices.why_closed}>
        <p className={classes.links}>
          <Link href="/login" prefetch={false}>
            Back to signing in
          </Link>
        </p>
      </AuthCard>
    );
  }
  if (register.isSuccess) {
    return (
      <AuthCard title="Look into your mail">
        <p className={form.done} role="status">
          {register.data.detail}
        </p>
        <p>The link in it makes the account usable. It holds for two days.</p>
      </AuthCard>
    );
  }
  const isElsewhere = register.error && !FIELDS.some((field) => faultOf(register.error, field));
  return (
    <AuthCard title="Make an account">
      <form
        className={form.form}
        onSubmit={(event) => {
          event.preventDefault();
          register.mutate({ email, password, display_name: name, roles });
        }}
      >
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          maxLength={254}
          required
          withAsterisk={false}
          value={email}
          error={faultOf(register.error, "email") && "This is no address that mail can be sent to."}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <TextInput
          label="Name"
          description="How the pages address you"
          name="name"
          autoComplete="name"
          maxLength={80}
          required
          withAsterisk={false}
          value={name}
          error={faultOf(register.error, "display_name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NewPassword value={password} fault={faultOf(register.error, "password")} onChange={setPassword} />
        <fieldset className={form.choices}>
          <legend>I want to</legend>
          {WISHES.map(({ role, label }) => (
            <label key={role}>
              <input
                type="checkbox"
                checked={roles.includes(role)}
                onChange={(event) =>
                  setRoles(
                    event.currentTarget.checked ? [...roles, role] : roles.filter((one) => one !== role),
                  )
                }
              />
              {label}
            </label>
          ))}
        </fieldset>
        {isElsewhere && (
          <p className={form.fault} role="alert">
            {register.error.message}
          </p>
        )}
        <Button type="submit" loading={register.isPending} disabled={roles.length === 0} fullWidth>
          Make an account
        </Button>
      </form>
      <p className={classes.links}>
        <Link href="/login" prefetch={false}>
          I have an account
        </Link>
      </p>
    </AuthCard>
  );
}
