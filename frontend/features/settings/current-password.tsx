"use client";
import { PasswordInput } from "@mantine/core";

type Props = { label?: string; value: string; autoFocus?: boolean; onChange: (value: string) => void };

/** The account's password, asked for again where a session alone is not enough. */
export function CurrentPassword({ label = "Password", value, autoFocus = false, onChange }: Props) {
  return (
    <PasswordInput
      label={label}
      autoComplete="current-password"
      required
      withAsterisk={false}
      autoFocus={autoFocus}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
