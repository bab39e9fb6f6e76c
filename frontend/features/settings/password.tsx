"use client";
import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { CurrentPassword } from "./current-password";
import { faultOf, useChangePassword } from "./queries";
import { Done, Fault, SettingsSection } from "./section";
import classes from "./settings.module.css";

/** Another password; every other browser is signed out by it. */
export function Password() {
  const change = useChangePassword();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const fault = faultOf(change.error, "password");
  return (
    <SettingsSection id="password" title="Password" lead="Changing it signs every other browser out.">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(
            { current_password: current, password: next },
            {
              onSuccess: () => {
                setCurrent("");
                setNext("");
              },
            },
          );
        }}
      >
        <CurrentPassword label="Password as it is" value={current} onChange={setCurrent} />
        <PasswordInput
          label="New password"
          description="At least 8 characters; 15 or more are much better."
          autoComplete="new-password"
          minLength={8}
          maxLength={1000}
          required
          withAsterisk={false}
          value={next}
          error={fault}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        {!fault && <Fault error={change.error} />}
        {change.isSuccess && <Done>The password is changed.</Done>}
        <div className={classes.actions}>
          <Button type="submit" loading={change.isPending}>
            Change the password
          </Button>
        </div>
      </form>
    </SettingsSection>
  );
}
