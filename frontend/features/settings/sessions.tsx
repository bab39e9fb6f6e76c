"use client";
import { Button } from "@mantine/core";
import { RelativeTime } from "@/components/relative-time";
import { browserName } from "./browser-name";
import { useEndSession, useSessions } from "./queries";
import { Fault, SettingsSection } from "./section";
import classes from "./settings.module.css";

/** The browsers that are signed in. */
export function Sessions() {
  const sessions = useSessions();
  const end = useEndSession();
  const items = sessions.data?.items;
  return (
    <SettingsSection id="sessions" title="Signed-in browsers" lead="Signing one out works at once.">
      {sessions.isPending && <div className={`skeleton ${classes.line}`} />}
      {sessions.isError && (
        <>
          <Fault error={sessions.error} />
          <div className={classes.actions}>
            <Button variant="default" loading={sessions.isFetching} onClick={() => sessions.refetch()}>
              Try again
            </Button>
          </div>
        </>
      )}
      {items && (
        <ul className={classes.rows}>
          {items.map((session) => (
            <li key={session.id} data-session={session.current ? "current" : "other"}>
              <div>
                <strong>{browserName(session.user_agent)}</strong>
                {session.current && <span className={classes.tag}>this one</span>}
                <p className={classes.small}>
                  {session.ip} · seen <RelativeTime at={session.last_seen_at} /> · signed in{" "}
                  <RelativeTime at={session.created_at} />
                  {session.second_factor && " · with a second factor"}
                </p>
              </div>
              {!session.current && (
                <Button
                  variant="default"
                  size="xs"
                  loading={end.isPending && end.variables === session.id}
                  onClick={() => end.mutate(session.id)}
                >
                  Sign out
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <Fault error={end.error} />
      {items && items.length > 1 && (
        <div className={classes.actions}>
          <Button
            variant="default"
            loading={end.isPending && end.variables === null}
            onClick={() => end.mutate(null)}
          >
            Sign out every other one
          </Button>
        </div>
      )}
    </SettingsSection>
  );
}
