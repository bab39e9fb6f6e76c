import type { NextConfig } from "next";

const config: NextConfig = {
  output: "standalone",
  // Only what this folder holds belongs to the build, whatever lies around it.
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  experimental: {
    optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"],
    // Uploads through the proxy are cut at 10 MB otherwise.
    proxyClientMaxBodySize: "64mb",
  },
};

export default config;
