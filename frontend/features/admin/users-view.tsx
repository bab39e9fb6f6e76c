"use client";
// The accounts: who is who, what each may do, and barring; every change can be taken back.
import { TextInput } from "@mantine/core";
import { IconSearch, IconUsers } from "@tabler/icons-react";
import Link from "next/link";
import { debounce, useQueryStates } from "nuqs";
import { useCallback, useState } from "react";
import { Notice } from "@/components/notice";
import { RelativeTime } from "@/components/relative-time";
import { type Done, Undo } from "@/components/undo";
import { formatCount } from "@/lib/format";
import { useCurrentSession } from "../auth/session";
import { type UserFilters, userParsers } from "./address";
import classes from "./admin.module.css";
import { PageHead } from "./admin-frame";
import { Listed } from "./listed";
import { type Given, itemsOf, type User, type UserList, useChangeUser, useUsers } from "./queries";
import { ROLE_WORDS } from "./words";

type Role = User["roles"][number];
const ROLES = Object.keys(ROLE_WORDS) as Role[];
const TYPING_MS = 250;

export function UsersView({ given }: { given: Given<UserList, UserFilters> }) {
  const [{ q }, setFilters] = useQueryStates(userParsers);
  const users = useUsers({ q }, given);
  const items = itemsOf(users.data);
  const total = users.data?.pages[0]?.total;
  const [done, setDone] = useState<Done | null>(null);
  const forget = useCallback(() => setDone(null), []);
  return (
    <div className={classes.page}>
      <PageHead
        title="Users"
        lead={
          total === undefined
            ? "Who has an account, and what each may do."
            : `${formatCount(total)} ${total === 1 ? "account" : "accounts"}${q ? " found" : ""}. Roles hold from an account’s next request on.`
        }
      />
      <div className={classes.toolbar}>
        <TextInput
          type="search"
          label="Search"
          placeholder="Part of an address or name"
          leftSection={<IconSearch size={16} aria-hidden />}
          maxLength={100}
          value={q ?? ""}
          onChange={(event) => {
            const typed = event.currentTarget.value;
            setFilters({ q: typed || null }, { limitUrlUpdates: typed ? debounce(TYPING_MS) : undefined });
          }}
        />
      </div>
      <Listed
        question={users}
        what="The accounts"
        rows={6}
        rowHeight={70}
        isEmpty={items.length === 0}
        empty={
          <Notice icon={<IconUsers size={20} />} title={q ? "No account matches" : "No accounts yet"}>
            <p>{q ? "Search for another part of an address or name." : "Whoever registers shows up here."}</p>
          </Notice>
        }
      >
        <ul className={classes.rows} aria-label="Accounts" aria-busy={users.isPlaceholderData}>
          {items.map((user) => (
            <UserItem key={user.id} user={user} onDone={setDone} />
          ))}
        </ul>
      </Listed>
      <Undo done={done} onGone={forget} />
    </div>
  );
}

function UserItem({ user, onDone }: { user: User; onDone: (done: Done | null) => void }) {
  const change = useChangeUser();
  const isMe = useCurrentSession()?.user?.id === user.id;
  const isOff = user.disabled_at !== null;

  const setRoles = (roles: Role[], words: string) =>
    change.mutate(
      { user, roles },
      {
        onSuccess: () =>
          onDone({ words, undo: () => change.mutate({ user: { ...user, roles }, roles: user.roles }) }),
      },
    );
  const toggle = (role: Role) => {
    const has = user.roles.includes(role);
    const roles = has ? user.roles.filter((each) => each !== role) : [...user.roles, role];
    const word = ROLE_WORDS[role].toLowerCase();
    setRoles(roles, `${user.display_name} is ${has ? "no longer" : "now"} ${word}.`);
  };
  const bar = (disabled: boolean) =>
    change.mutate(
      { user, disabled },
      {
        onSuccess: (stored) =>
          onDone({
            words: `${user.display_name}’s account is ${disabled ? "disabled" : "enabled again"}.`,
            undo: () => change.mutate({ user: stored, disabled: !disabled }),
          }),
      },
    );

  return (
    <li className={classes.row} data-user={user.id}>
      <div className={classes.rowHead}>
        <h2 className={classes.name}>
          {user.display_name}
          <span className={classes.aside}>{user.email}</span>
          {isMe && <span className={classes.aside}>· you</span>}
        </h2>
        <fieldset className="plain-group">
          <legend className="visually-hidden">Roles of {user.display_name}</legend>
          <div className={classes.buttons}>
            {ROLES.map((role) => (
              <button
                key={role}
                type="button"
                className={classes.small}
                aria-pressed={user.roles.includes(role)}
                onClick={() => toggle(role)}
              >
                {ROLE_WORDS[role]}
              </button>
            ))}
            <button
              type="button"
              className={classes.small}
              onClick={() => bar(!isOff)}
              aria-label={`${isOff ? "Enable" : "Disable"} the account of ${user.display_name}`}
            >
              {isOff ? "Enable" : "Disable"}
            </button>
          </div>
        </fieldset>
      </div>
      <p className={classes.facts}>
        {user.disabled_at && (
          <span className={classes.pill} data-tone="danger">
            Disabled <RelativeTime at={user.disabled_at} />
          </span>
        )}
        <span>{user.second_factor_since ? "Second factor on" : "No second factor"}</span>
        <span>{user.email_verified_at ? "Address verified" : "Address not verified"}</span>
        <span>
          {user.last_seen_at ? (
            <>
              Seen <RelativeTime at={user.last_seen_at} />
            </>
          ) : (
            "Signed in nowhere"
          )}
        </span>
        <span>
          Since <RelativeTime at={user.created_at} />
        </span>
        <Link href={`/admin/audit?actor=${user.id}`} prefetch={false} className={classes.asLink}>
          What they did
        </Link>
      </p>
      {change.isError && (
        <p className={classes.refused} role="alert">
          {change.error.message} Nothing was changed.
        </p>
      )}
    </li>
  );
}
