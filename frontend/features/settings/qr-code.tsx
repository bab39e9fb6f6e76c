"use client";
import { encode } from "uqr";
import classes from "./settings.module.css";

/** A text as a QR code. Loaded when one is shown first. */
export default function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: 1 });
  const dark = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <div className={classes.qr}>
      <svg viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" role="img" aria-label={label}>
        <path d={dark} fill="#000000" />
      </svg>
    </div>
  );
}
