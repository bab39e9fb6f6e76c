"use client";
import "@/components/mantine-overlay.css";
import { Kbd, Modal } from "@mantine/core";
import { useOpenedAfterMount } from "../use-opened-after-mount";
import classes from "./app-shell.module.css";

const KEYS: readonly [keys: string[], meaning: string][] = [
  [["/"], "Search the deals, or write a title to price"],
  [["j"], "Next deal"],
  [["k"], "Previous deal"],
  [["Enter"], "Open the deal"],
  [["Esc"], "Back to the list, or close what is open"],
  [["←", "→"], "Another price or sale on a plot"],
  [["g", "d"], "Go to the deals"],
  [["g", "p"], "Go to pricing"],
  [["Ctrl", "K"], "Go anywhere (⌘ K on a Mac)"],
  [["?"], "These keys"],
];

export default function ShortcutHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const isOpen = useOpenedAfterMount(opened);
  return (
    <Modal.Root opened={isOpen} onClose={onClose} centered size={420} transitionProps={{ duration: 120 }}>
      <Modal.Overlay />
      <Modal.Content aria-label="Keyboard shortcuts">
        <Modal.Body p={24}>
          <div className={classes.helpHead}>
            <h2>Keyboard shortcuts</h2>
            <Modal.CloseButton aria-label="Close" />
          </div>
          <dl className={classes.keys}>
            {KEYS.map(([keys, meaning]) => (
              <div key={meaning}>
                <dt>{meaning}</dt>
                <dd>
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
