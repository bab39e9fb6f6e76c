"use client";
import { Button, TextInput } from "@mantine/core";
import dynamic from "next/dynamic";
import { useState } from "react";
import { CopyButton } from "@/components/copy-button";
import { RelativeTime } from "@/components/relative-time";
import { CurrentPassword } from "./current-password";
import {
  type Me,
  type SecondFactorBegun,
  useBeginSecondFactor,
  useConfirmSecondFactor,
  useRemoveSecondFactor,
} from "./queries";
import { saveFile } from "./save-file";
import { Done, Fault, SettingsSection } from "./section";
import classes from "./settings.module.css";

const QrCode = dynamic(() => import("./qr-code"), { ssr: false });

/** A code from the phone besides the password. */
export function SecondFactor({ me, isNeeded }: { me: Me; isNeeded: boolean }) {
  const [codes, setCodes] = useState<string[] | null>(null);
  return (
    <SettingsSection
      id="second-factor"
      title="Second factor"
      lead={
        isNeeded && !me.second_factor_since
          ? "Administering takes one here. Set it up, then sign in with its code."
          : "A code from an authenticator on your phone, asked for besides the password."
      }
    >
      {codes && <Codes codes={codes} />}
      {me.second_factor_since ? (
        <Remove me={me} onRemoved={() => setCodes(null)} />
      ) : (
        <SetUp onDone={setCodes} />
      )}
    </SettingsSection>
  );
}

function SetUp({ onDone }: { onDone: (codes: string[]) => void }) {
  const begin = useBeginSecondFactor();
  const [opened, setOpened] = useState(false);
  const [password, setPassword] = useState("");
  if (begin.data) return <Confirm begun={begin.data} onDone={onDone} />;
  if (!opened) {
    return (
      <div className={classes.actions}>
        <Button onClick={() => setOpened(true)}>Set up a second factor</Button>
      </div>
    );
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        begin.mutate(password);
      }}
    >
      <CurrentPassword autoFocus value={password} onChange={setPassword} />
      <Fault error={begin.error} />
      <div className={classes.actions}>
        <Button type="submit" loading={begin.isPending}>
          Go on
        </Button>
      </div>
    </form>
  );
}

function Confirm({ begun, onDone }: { begun: SecondFactorBegun; onDone: (codes: string[]) => void }) {
  const confirm = useConfirmSecondFactor();
  const [code, setCode] = useState("");
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate(code, { onSuccess: ({ recovery_codes }) => onDone(recovery_codes) });
      }}
    >
      <p>1. Let your authenticator read this, or type the key into it.</p>
      <QrCode text={begun.address} label="The key as a QR code" />
      <code className={classes.secret} data-secret>
        {begun.secret}
      </code>
      <TextInput
        label="2. Type the code that it shows"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={10}
        required
        withAsterisk={false}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <Fault error={confirm.error} />
      <div className={classes.actions}>
        <Button type="submit" loading={confirm.isPending}>
          Switch it on
        </Button>
      </div>
    </form>
  );
}

function Codes({ codes }: { codes: string[] }) {
  return (
    <>
      <Done>The second factor is on. Every other browser was signed out.</Done>
      <h3>Recovery codes</h3>
      <p>For a lost phone: each stands in once for a code. They are not shown again, so keep them now.</p>
      <ul className={classes.codes} data-recovery-codes>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={classes.actions}>
        <CopyButton text={codes.join("\n")} label="Copy them" />
        <Button
          variant="default"
          onClick={() => saveFile("deal-scout-recovery-codes.txt", new Blob([`${codes.join("\n")}\n`]))}
        >
          Download them
        </Button>
      </div>
    </>
  );
}

function Remove({ me, onRemoved }: { me: Me; onRemoved: () => void }) {
  const remove = useRemoveSecondFactor();
  const [opened, setOpened] = useState(false);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  return (
    <>
      <p>
        On since {me.second_factor_since && <RelativeTime at={me.second_factor_since} />};{" "}
        {me.recovery_codes_left} recovery codes are left.
      </p>
      {opened ? (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            remove.mutate({ current_password: password, code }, { onSuccess: onRemoved });
          }}
        >
          <CurrentPassword value={password} onChange={setPassword} />
          <TextInput
            label="Code or recovery code"
            autoComplete="one-time-code"
            required
            withAsterisk={false}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <Fault error={remove.error} />
          <div className={classes.actions}>
            <Button type="submit" color="red" loading={remove.isPending}>
              Switch it off
            </Button>
            <Button variant="default" onClick={() => setOpened(false)}>
              Leave it on
            </Button>
          </div>
        </form>
      ) : (
        <div className={classes.actions}>
          <Button variant="default" onClick={() => setOpened(true)}>
            Switch it off
          </Button>
        </div>
      )}
    </>
  );
}
