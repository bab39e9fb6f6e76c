import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { NowProvider } from "@/components/now";

/** Renders inside the providers that every page has. */
export function renderInApp(children: ReactNode, now = Date.now()) {
  return render(
    <MantineProvider>
      <NowProvider start={now}>{children}</NowProvider>
    </MantineProvider>,
  );
}
