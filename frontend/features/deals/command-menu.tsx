"use client";
import "@/components/mantine-overlay.css";
// What Ctrl-K opens: places to go, ways to look at the deals, and the theme. Loaded on first use.
import { useMantineColorScheme } from "@mantine/core";
import {
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
  spotlight,
} from "@mantine/spotlight";
import "@mantine/spotlight/styles.layer.css";
import {
  IconMoon,
  IconScale,
  IconSearch,
  IconSettings,
  IconSun,
  IconSunMoon,
  IconTag,
  IconTruck,
  IconUser,
} from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { pricingAddress } from "@/lib/pricing-address";
import { type DealFilters, dealsAddress } from "@/lib/url-state";
import { useCategories } from "./queries";

const ADMIN_PAGES = [
  ["sources", "Sources: health, calls, scan now"],
  ["scan-plan", "Scan plan: what scans ask for"],
  ["jobs", "Jobs: working, waiting, failed"],
  ["users", "Users: roles, disabling"],
  ["audit", "Audit log: who did what"],
  ["setup", "Set-up: what values are made from"],
] as const;

export default function CommandMenu({ opened, isAdmin }: { opened: number; isAdmin: boolean }) {
  const router = useRouter();
  const { setColorScheme } = useMantineColorScheme();
  const [query, setQuery] = useState("");
  const categories = useCategories(null).data?.items ?? [];
  useEffect(() => {
    if (opened > 0) spotlight.open();
  }, [opened]);

  const go = (filters: Partial<DealFilters>) => () => router.push(dealsAddress(filters));
  const tag = <IconTag size={16} aria-hidden />;
  const deals: SpotlightActionData[] = [
    { id: "deals", label: "All deals, best score first", leftSection: tag, onClick: go({}) },
    {
      id: "score-80",
      label: "Deals with a score of 80 or more",
      leftSection: tag,
      onClick: go({ min_score: 80 }),
    },
    { id: "newest", label: "Newest listings", leftSection: tag, onClick: go({ sort: "newest" }) },
    {
      id: "free",
      label: "Deals with free shipping",
      leftSection: <IconTruck size={16} aria-hidden />,
      onClick: go({ free_shipping: true }),
    },
  ];
  const words = query.trim();
  const scale = <IconScale size={16} aria-hidden />;
  const pricing: SpotlightActionData[] = [
    {
      id: "pricing",
      label: "Pricing: what is it worth?",
      leftSection: scale,
      onClick: () => router.push(pricingAddress({})),
    },
  ];
  const search: SpotlightActionData[] = words
    ? [
        {
          id: "search",
          label: `Search deals for “${words}”`,
          leftSection: <IconSearch size={16} aria-hidden />,
          keywords: words,
          onClick: go({ q: words }),
        },
        {
          id: "price",
          label: `What is “${words}” worth?`,
          leftSection: scale,
          keywords: words,
          onClick: () => router.push(pricingAddress({ title: words })),
        },
      ]
    : [];
  const actions: SpotlightActionGroupData[] = [
    { group: "Deals", actions: deals },
    { group: "Sell", actions: pricing },
    {
      group: "Categories",
      actions: categories.map(({ id, name }) => ({
        id: `category-${id}`,
        label: name,
        leftSection: tag,
        onClick: go({ category: id }),
      })),
    },
    { group: "Search", actions: search },
    {
      group: "Account",
      actions: [
        {
          id: "settings",
          label: "Settings: profile, sessions, keys",
          leftSection: <IconUser size={16} aria-hidden />,
          onClick: () => router.push("/settings"),
        },
      ],
    },
    {
      group: "Admin",
      actions: isAdmin
        ? ADMIN_PAGES.map(([page, label]) => ({
            id: page,
            label,
            leftSection: <IconSettings size={16} aria-hidden />,
            onClick: () => router.push(`/admin/${page}`),
          }))
        : [],
    },
    {
      group: "Theme",
      actions: [
        {
          id: "light",
          label: "Light",
          keywords: "theme",
          leftSection: <IconSun size={16} aria-hidden />,
          onClick: () => setColorScheme("light"),
        },
        {
          id: "dark",
          label: "Dark",
          keywords: "theme",
          leftSection: <IconMoon size={16} aria-hidden />,
          onClick: () => setColorScheme("dark"),
        },
        {
          id: "auto",
          label: "As the system",
          keywords: "theme",
          leftSection: <IconSunMoon size={16} aria-hidden />,
          onClick: () => setColorScheme("auto"),
        },
      ],
    },
  ];

  return (
    <Spotlight
      actions={actions}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      nothingFound="Nothing by that name"
      highlightQuery
      scrollable
      maxHeight={420}
      transitionProps={{ duration: 100 }}
      searchProps={{
        leftSection: <IconSearch size={16} aria-hidden />,
        placeholder: "Go to a page, a category, or search the deals",
        "aria-label": "Go to",
      }}
    />
  );
}
