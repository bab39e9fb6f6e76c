"use client";
import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useState } from "react";
import { Segmented } from "../segmented";

const SCHEMES = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
] as const;

/** Light, dark, or as the system is. */
export function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // The server does not know what was chosen; the first drawing is the same on both sides.
  const [isMounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  return (
    <Segmented
      legend="Theme"
      options={SCHEMES}
      value={isMounted ? colorScheme : "auto"}
      onChange={setColorScheme}
    />
  );
}
