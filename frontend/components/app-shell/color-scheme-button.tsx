"use client";
// Light or dark. Follows the system until it is pressed; then the choice is kept in this browser.
import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconMoon, IconSun } from "@tabler/icons-react";
import classes from "./app-shell.module.css";

type Props = { className?: string | undefined; labelled?: boolean; iconSize?: number };

export function ColorSchemeButton({ className, labelled = false, iconSize = 16 }: Props) {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: true });
  return (
    <button
      type="button"
      className={className}
      aria-label={labelled ? undefined : "Switch between light and dark"}
      onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}
    >
      {/* Both are in the page and CSS shows one, so that neither flashes before scripts run. */}
      <IconMoon size={iconSize} aria-hidden className={classes.whenLight} />
      <IconSun size={iconSize} aria-hidden className={classes.whenDark} />
      {labelled && "Theme"}
    </button>
  );
}
