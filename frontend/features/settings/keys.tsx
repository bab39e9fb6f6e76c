"use client";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { CopyButton } from "@/components/copy-button";
import form from "@/components/form.module.css";
import { RelativeTime } from "@/components/relative-time";
import { formatDate } from "@/lib/format";
import {
  type ApiKey,
  type ApiKeyMade,
  faultOf,
  type Me,
  type Scope,
  useKeys,
  useMakeKey,
  useRevokeKey,
  useRotateKey,
} from "./queries";
import { Done, Fault, SettingsSection } from "./section";
import classes from "./settings.module.css";

const SCOPES: readonly { scope: Scope; needs: Me["roles"][number] | null; words: string }[] = [
  { scope: "read", needs: null, words: "Read what this account may read" },
  { scope: "buyer", needs: "buyer", words: "Do what buyers do" },
  { scope: "seller", needs: "seller", words: "Do what sellers do" },
  { scope: "admin:tasks", needs: "admin", words: "Start scans, recompute and import comparables" },
  { scope: "metrics", needs: "admin", words: "Read the metrics" },
];
const LIFETIMES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "a year" },
];

/** Keys with which programs speak to the API for this account. */
export function Keys({ me }: { me: Me }) {
  const keys = useKeys();
  const rotate = useRotateKey();
  const revoke = useRevokeKey();
  const [made, setMade] = useState<ApiKeyMade | null>(null);
  const items = keys.data?.items;
  return (
    <SettingsSection
      id="keys"
      title="API keys"
      lead="For programs of yours. A key never opens this page: passwords, sessions and keys take a browser."
    >
      {made && (
        <div role="status">
          <p>
            <strong>{made.key.name}</strong>: copy it now, it is not shown again.
          </p>
          <code className={classes.secret} data-key>
            {made.text}
          </code>
          <div className={classes.actions}>
            <CopyButton key={made.key.id} text={made.text} label="Copy it" />
            <Button variant="default" onClick={() => setMade(null)}>
              I have it
            </Button>
          </div>
        </div>
      )}
      {keys.isPending && <div className={`skeleton ${classes.line}`} />}
      {keys.isError && (
        <>
          <Fault error={keys.error} />
          <div className={classes.actions}>
            <Button variant="default" loading={keys.isFetching} onClick={() => keys.refetch()}>
              Try again
            </Button>
          </div>
        </>
      )}
      {items?.length === 0 && <p className={classes.small}>No key yet.</p>}
      {items && items.length > 0 && (
        <ul className={classes.rows}>
          {items.map((key) => (
            <li key={key.id}>
              <div>
                <strong>{key.name}</strong>
                <p className={classes.small}>
                  {key.shown_as} · {key.scopes.join(", ")}
                </p>
                <p className={classes.small}>
                  <Life of={key} />
                </p>
              </div>
              {isAlive(key) && (
                <div className={classes.rowActions}>
                  <Button
                    variant="default"
                    size="xs"
                    loading={rotate.isPending && rotate.variables === key.id}
                    onClick={() => rotate.mutate(key.id, { onSuccess: setMade })}
                    title="Another key in its place; both work for 24 hours"
                  >
                    Replace
                  </Button>
                  <Button
                    variant="default"
                    size="xs"
                    loading={revoke.isPending && revoke.variables === key.id}
                    onClick={() => revoke.mutate(key.id)}
                  >
                    Revoke
                  </Button>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      <Fault error={rotate.error ?? revoke.error} />
      <NewKey me={me} onMade={setMade} />
    </SettingsSection>
  );
}

const isAlive = (key: ApiKey) => !key.revoked_at && Date.parse(key.expires_at) > Date.now();

function Life({ of: key }: { of: ApiKey }) {
  if (key.revoked_at)
    return (
      <>
        Revoked <RelativeTime at={key.revoked_at} />
      </>
    );
  if (!isAlive(key)) return <>Ended {formatDate(key.expires_at)}</>;
  return (
    <>
      Works until {formatDate(key.expires_at)} ·{" "}
      {key.last_used_at ? (
        <>
          last used <RelativeTime at={key.last_used_at} />
        </>
      ) : (
        "never used"
      )}
    </>
  );
}

function NewKey({ me, onMade }: { me: Me; onMade: (made: ApiKeyMade) => void }) {
  const make = useMakeKey();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>([]);
  const [days, setDays] = useState("90");
  return (
    <form
      className={classes.form}
      aria-label="A new key"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate(
          { name, scopes, expires_in_days: Number(days) },
          {
            onSuccess: (made) => {
              onMade(made);
              setName("");
              setScopes([]);
            },
          },
        );
      }}
    >
      <TextInput
        label="A new key for"
        placeholder="My spreadsheet"
        maxLength={80}
        required
        withAsterisk={false}
        value={name}
        error={faultOf(make.error, "name")}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <fieldset className={form.choices}>
        <legend>It may</legend>
        {SCOPES.filter(({ needs }) => needs === null || me.roles.includes(needs)).map(({ scope, words }) => (
          <label key={scope}>
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(
                  event.currentTarget.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope),
                )
              }
            />
            {words}
          </label>
        ))}
      </fieldset>
      <NativeSelect
        label="It works for"
        data={LIFETIMES}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
      />
      {!faultOf(make.error, "name") && <Fault error={make.error} />}
      {make.isSuccess && <Done>The key is made; its text stands above.</Done>}
      <div className={classes.actions}>
        <Button type="submit" loading={make.isPending} disabled={scopes.length === 0}>
          Make the key
        </Button>
      </div>
    </form>
  );
}
