"use client";
import { Button } from "@mantine/core";
import { useState } from "react";
import { CurrentPassword } from "./current-password";
import { useDeleteAccount, useExport } from "./queries";
import { saveFile } from "./save-file";
import { Done, Fault, SettingsSection } from "./section";
import classes from "./settings.module.css";

/** A copy of what is kept, and the end of the account. */
export function YourData() {
  const copy = useExport();
  const remove = useDeleteAccount();
  const [opened, setOpened] = useState(false);
  const [password, setPassword] = useState("");
  return (
    <SettingsSection id="data" title="Your data">
      <p>Everything that is kept about this account, as JSON files in a zip.</p>
      <div className={classes.actions}>
        <Button
          variant="default"
          loading={copy.isPending}
          onClick={() =>
            copy.mutate(undefined, { onSuccess: (copied) => saveFile("deal-scout-account.zip", copied) })
          }
        >
          Download a copy
        </Button>
      </div>
      {copy.isSuccess && <Done>The copy is downloaded.</Done>}
      <Fault error={copy.error} />
      <h3>Delete the account</h3>
      <p>
        The account and all that belongs to it are removed at once and for good. The log keeps that an account
        was deleted, not whose.
      </p>
      {opened ? (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            remove.mutate(password, { onSuccess: () => window.location.assign("/deals") });
          }}
        >
          <CurrentPassword autoFocus value={password} onChange={setPassword} />
          <Fault error={remove.error} />
          <div className={classes.actions}>
            <Button type="submit" color="red" loading={remove.isPending || remove.isSuccess}>
              Delete it for good
            </Button>
            <Button variant="default" onClick={() => setOpened(false)}>
              Keep it
            </Button>
          </div>
        </form>
      ) : (
        <div className={classes.actions}>
          <Button variant="default" onClick={() => setOpened(true)}>
            Delete the account
          </Button>
        </div>
      )}
    </SettingsSection>
  );
}
