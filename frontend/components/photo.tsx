"use client";
import { IconPhotoOff } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import classes from "./photo.module.css";

type Props = { src: string | null; alt: string; eager?: boolean; className?: string | undefined };

/** A photo in a 4:3 box that never changes its size; when there is none, or it fails, a quiet sign says so. */
export function Photo({ src, alt, eager = false, className }: Props) {
  const [failed, setFailed] = useState(false);
  const image = useRef<HTMLImageElement>(null);
  useEffect(() => {
    // It may have failed before this script came.
    const element = image.current;
    if (element?.complete && element.naturalWidth === 0) setFailed(true);
  }, []);
  return (
    <span className={`${classes.box} ${className ?? ""}`}>
      {src && !failed ? (
        <img
          ref={image}
          src={src}
          alt={alt}
          width={400}
          height={300}
          loading={eager ? "eager" : "lazy"}
          fetchPriority={eager ? "high" : "auto"}
          decoding="async"
          referrerPolicy="no-referrer"
          onError={() => setFailed(true)}
        />
      ) : (
        <span className={classes.none}>
          <IconPhotoOff size={24} stroke={1.5} aria-hidden />
          <span>No photo</span>
        </span>
      )}
    </span>
  );
}
