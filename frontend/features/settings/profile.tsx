"use client";
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { CurrentPassword } from "./current-password";
import { faultOf, type Me, useChangeEmail, useRename } from "./queries";
import { Done, Fault, SettingsSection } from "./section";
import classes from "./settings.module.css";

const ROLE_WORDS: Record<Me["roles"][number], string> = {
  buyer: "buys",
  seller: "sells",
  admin: "administers",
};

/** Name, roles and address. */
export function Profile({ me }: { me: Me }) {
  const rename = useRename();
  const [name, setName] = useState(me.display_name);
  return (
    <SettingsSection id="profile" title="Profile">
      <dl className={classes.facts}>
        <div>
          <dt>E-mail</dt>
          <dd>{me.email}</dd>
        </div>
        <div>
          <dt>This account</dt>
          <dd>{me.roles.map((role) => ROLE_WORDS[role]).join(", ") || "may look around"}</dd>
        </div>
      </dl>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate(name);
        }}
      >
        <TextInput
          label="Name"
          maxLength={80}
          required
          withAsterisk={false}
          value={name}
          error={faultOf(rename.error, "display_name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {!faultOf(rename.error, "display_name") && <Fault error={rename.error} />}
        {rename.isSuccess && name === me.display_name && <Done>The name is saved.</Done>}
        <div className={classes.actions}>
          <Button type="submit" loading={rename.isPending} disabled={name.trim() === me.display_name}>
            Save the name
          </Button>
        </div>
      </form>
      <ChangeEmail />
    </SettingsSection>
  );
}

function ChangeEmail() {
  const change = useChangeEmail();
  const [opened, setOpened] = useState(false);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  if (change.isSuccess) return <Done>{change.data.detail}</Done>;
  if (!opened) {
    return (
      <div className={classes.actions}>
        <Button variant="default" onClick={() => setOpened(true)}>
          Change the e-mail address
        </Button>
      </div>
    );
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ email, current_password: password });
      }}
    >
      <TextInput
        label="New e-mail"
        description="It holds once the link in the mail that is sent there is opened"
        type="email"
        autoComplete="email"
        required
        withAsterisk={false}
        autoFocus
        value={email}
        error={faultOf(change.error, "email") && "This is no address that mail can be sent to."}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <CurrentPassword value={password} onChange={setPassword} />
      {!faultOf(change.error, "email") && <Fault error={change.error} />}
      <div className={classes.actions}>
        <Button type="submit" loading={change.isPending}>
          Send the mail
        </Button>
        <Button variant="default" onClick={() => setOpened(false)}>
          Leave it
        </Button>
      </div>
    </form>
  );
}
