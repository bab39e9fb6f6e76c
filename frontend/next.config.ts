import type { NextConfig } from "next";
import { FILE_POLICY, FILES, SECURITY_HEADERS } from "./server/headers.ts";

const config: NextConfig = {
  output: "standalone",
  // Only what this folder holds belongs to the build, whatever lies around it.
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  headers: async () => {
    const headers = [...SECURITY_HEADERS, ["Content-Security-Policy", FILE_POLICY] as const];
    return FILES.map((source) => ({
      source,
      headers: headers.map(([key, value]) => ({ key, value })),
    }));
  },
  experimental: {
    optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"],
    // Uploads through the proxy are cut at 10 MB otherwise.
    proxyClientMaxBodySize: "64mb",
  },
};

export default config;
