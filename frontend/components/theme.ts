// Mantine wearing our tokens. The tokens themselves are in app/globals.css, light and dark side by side.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const teal: MantineColorsTuple = [
  "#e9f6f4",
  "#d2ebe7",
  "#a5d7d0",
  "#73c1b7",
  "#4aada2",
  "#2b958b",
  "#178077",
  "#0f6b66",
  "#0b5753",
  "#074440",
];

export const theme = createTheme({
  colors: { teal },
  primaryColor: "teal",
  // One deep shade in both schemes: white on it stays above 4.5:1.
  primaryShade: 7,
  defaultRadius: 8,
  fontFamily: "var(--font-geist-sans), system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, monospace",
  fontSizes: { xs: "12px", sm: "14px", md: "16px", lg: "20px", xl: "28px" },
  headings: { fontWeight: "600" },
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
});

/** Mantine's own names, pointed at ours, so that its components follow both schemes. */
export const cssVariables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--page)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-2)",
    "--mantine-color-placeholder": "var(--ink-3)",
    "--mantine-color-default": "var(--surface)",
    "--mantine-color-default-hover": "var(--sunken)",
    "--mantine-color-default-color": "var(--ink)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-anchor": "var(--accent-ink)",
    "--mantine-color-error": "var(--danger)",
  };
  return { variables: {}, light: shared, dark: shared };
};
