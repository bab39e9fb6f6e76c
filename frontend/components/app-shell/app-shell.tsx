"use client";
// The frame round every page: a rail on wide screens, a bar at the bottom on a phone, and the keys that work everywhere.
import { IconCommand, IconKeyboard, IconScale, IconSearch, IconSettings, IconTag } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { Fragment, type ReactNode, useCallback, useState } from "react";
import classes from "./app-shell.module.css";
import { ColorSchemeButton } from "./color-scheme-button";
import { Logo } from "./logo";
import { useShortcuts } from "./use-shortcuts";

const ShortcutHelp = dynamic(() => import("./shortcut-help"), { ssr: false });

const DEALS = { href: "/deals", label: "Deals", Icon: IconTag };
const PRICING = { href: "/pricing", label: "Pricing", Icon: IconScale };

/** The map of the pages as the rail shows it. */
const RAIL = [
  { group: "Buy", items: [DEALS] },
  { group: "Sell", items: [PRICING] },
];
/** The pages of administration have a bar of their own, so the rail has one way in. */
const ADMIN = {
  group: "Admin",
  items: [{ href: "/admin/sources", label: "Administration", Icon: IconSettings }],
};
/** A phone's bar has four places; the other pages are behind "Go to". */
const BAR = [DEALS, PRICING];

type Props = {
  children: ReactNode;
  /** Whether the pages of administration are shown as well. */
  isAdmin: boolean;
  /** Whose page this is, at the foot of the rail. */
  account: ReactNode;
  /** The same as the last place of a phone's bar. */
  accountOnPhone: ReactNode;
  /** A strip above the page, such as the word that the data is simulated. */
  ribbon: ReactNode;
  /** The state of the sources, at the foot of the rail. */
  status: ReactNode;
  /** Everything Ctrl-K opens; asked for on first use only. */
  renderCommandMenu: (opened: number) => ReactNode;
};

export function AppShell({
  children,
  isAdmin,
  account,
  accountOnPhone,
  ribbon,
  status,
  renderCommandMenu,
}: Props) {
  const pathname = usePathname();
  const [menuOpened, setMenuOpened] = useState(0);
  const [helpWanted, setHelpWanted] = useState(false);
  const [help, setHelp] = useState(false);
  const openMenu = useCallback(() => setMenuOpened((count) => count + 1), []);
  const openHelp = useCallback(() => {
    setHelpWanted(true);
    setHelp(true);
  }, []);
  const router = useRouter();
  useShortcuts({
    "mod+k": openMenu,
    "?": openHelp,
    "g d": () => router.push(DEALS.href),
    "g p": () => router.push(PRICING.href),
  });

  const currentAt = (href: string) =>
    pathname.startsWith(href.startsWith("/admin/") ? "/admin/" : href) ? "page" : undefined;
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to the page
      </a>
      <header className={classes.rail}>
        <Link href="/deals" className={classes.brand} prefetch={false}>
          <Logo />
          Deal Scout
        </Link>
        <button type="button" className={classes.command} onClick={openMenu}>
          <IconSearch size={16} aria-hidden />
          <span>Go to</span>
          <kbd aria-hidden>Ctrl K</kbd>
        </button>
        <nav aria-label="Main">
          {(isAdmin ? [...RAIL, ADMIN] : RAIL).map(({ group, items }) => (
            <Fragment key={group}>
              <p className={classes.navGroup}>{group}</p>
              {items.map(({ href, label, Icon }) => (
                <Link
                  key={href}
                  href={href}
                  prefetch={false}
                  className={classes.navItem}
                  aria-current={currentAt(href)}
                >
                  <Icon size={16} aria-hidden />
                  {label}
                </Link>
              ))}
            </Fragment>
          ))}
        </nav>
        <div className={classes.railFoot}>
          {status}
          {account}
          <div className={classes.railTools}>
            <ColorSchemeButton className={classes.tool} />
            <button type="button" className={classes.tool} onClick={openHelp} aria-label="Keyboard shortcuts">
              <IconKeyboard size={16} aria-hidden />
            </button>
          </div>
        </div>
      </header>

      <div className={classes.column}>
        {ribbon}
        <main id="main" className={classes.main} tabIndex={-1}>
          {children}
        </main>
      </div>

      <nav className={classes.bottomBar} aria-label="Main, phone">
        {BAR.map(({ href, label, Icon }) => (
          <Link key={href} href={href} prefetch={false} aria-current={currentAt(href)}>
            <Icon size={20} aria-hidden />
            {label}
          </Link>
        ))}
        <button type="button" onClick={openMenu}>
          <IconCommand size={20} aria-hidden />
          Go to
        </button>
        {accountOnPhone}
      </nav>

      {menuOpened > 0 && renderCommandMenu(menuOpened)}
      {helpWanted && <ShortcutHelp opened={help} onClose={() => setHelp(false)} />}
    </>
  );
}
