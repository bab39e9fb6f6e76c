"use client";
import { PasswordInput } from "@mantine/core";

type Props = {
  label?: string;
  value: string;
  fault: string | undefined;
  onChange: (value: string) => void;
};

/** A password being chosen, with what makes one good. */
export function NewPassword({ label = "Password", value, fault, onChange }: Props) {
  return (
    <PasswordInput
      label={label}
      description="At least 8 characters; 15 or more are much better. A few words in a row are fine."
      name="new-password"
      autoComplete="new-password"
      minLength={8}
      maxLength={1000}
      required
      withAsterisk={false}
      value={value}
      error={fault}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
