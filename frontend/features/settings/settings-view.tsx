"use client";
// One's own account, matter by matter.
import { Button } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { Keys } from "./keys";
import { Password } from "./password";
import { Profile } from "./profile";
import { useAccount } from "./queries";
import { SecondFactor } from "./second-factor";
import { Fault, SettingsSection } from "./section";
import { Sessions } from "./sessions";
import classes from "./settings.module.css";
import { YourData } from "./your-data";

type Props = {
  /** Whether administering takes a second factor here. */
  secondFactorNeeded: boolean;
  /** The switch between light and dark. */
  appearance: ReactNode;
  signOut: ReactNode;
};

export function SettingsView({ secondFactorNeeded, appearance, signOut }: Props) {
  const account = useAccount();
  const me = account.data;
  const isThere = me !== undefined;
  useEffect(() => {
    // The matters of the account stand on the page only now; an address that names one leads to it.
    if (isThere) document.getElementById(window.location.hash.slice(1))?.scrollIntoView();
  }, [isThere]);
  return (
    <div className={classes.page}>
      <h1>Settings</h1>
      {account.isPending && (
        <SettingsSection id="profile" title="Profile">
          {[60, 40, 80, 40].map((width, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: these lines never move
            <div key={i} className={`skeleton ${classes.line}`} style={{ width: `${width}%` }} />
          ))}
        </SettingsSection>
      )}
      {account.isError && !me && (
        <SettingsSection id="profile" title="The account did not load">
          <Fault error={account.error} />
          <div className={classes.actions}>
            <Button loading={account.isFetching} onClick={() => account.refetch()}>
              Try again
            </Button>
          </div>
        </SettingsSection>
      )}
      {me && (
        <>
          <Profile key={me.id} me={me} />
          <Password />
          <SecondFactor me={me} isNeeded={secondFactorNeeded && me.roles.includes("admin")} />
          <Sessions />
          <Keys me={me} />
          <SettingsSection id="appearance" title="Appearance">
            <div className={classes.actions}>{appearance}</div>
          </SettingsSection>
          <YourData />
        </>
      )}
      <div className={classes.actions}>{signOut}</div>
    </div>
  );
}
