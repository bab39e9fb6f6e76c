// The address of a pricing question: these parsers are the only reading and writing of it.
// Names equal the API's, so that a link asks the same question everywhere.
import {
  createLoader,
  createSerializer,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";
import { CONDITIONS } from "./url-state";
import type { Condition } from "./words";

export const GOALS = ["fast", "balanced", "max"] as const;
export type Goal = (typeof GOALS)[number];

export const MIN_TITLE = 3;
export const MAX_TITLE = 350;
const MAX_COST_CENTS = 10_000_000_000;
const CATEGORY_ID = /^[A-Za-z0-9_.-]{1,64}$/;

export const pricingParsers = {
  title: parseAsString,
  category: parseAsString,
  condition: parseAsStringLiteral(CONDITIONS).withDefault("used"),
  cost: parseAsInteger,
  goal: parseAsStringLiteral(GOALS).withDefault("balanced"),
};

export type PricingAddress = {
  title: string | null;
  category: string | null;
  condition: Condition;
  /** What it cost, in cents. */
  cost: number | null;
  goal: Goal;
};

/** A question that the API takes. */
export type Question = PricingAddress & { title: string };

/** The address as the API will accept it: what is typed by hand never becomes an error page. */
export function tidyAddress(address: PricingAddress): PricingAddress {
  const { title, category, cost } = address;
  return {
    ...address,
    title: title?.trim().slice(0, MAX_TITLE) || null,
    category: category && CATEGORY_ID.test(category) ? category : null,
    cost: cost === null || !(cost >= 0 && cost <= MAX_COST_CENTS) ? null : cost,
  };
}

/** The question in an address; null while there is too little of a title to ask. */
export function questionIn(address: PricingAddress): Question | null {
  const tidy = tidyAddress(address);
  return tidy.title !== null && tidy.title.length >= MIN_TITLE ? { ...tidy, title: tidy.title } : null;
}

export const loadPricingAddress = createLoader(pricingParsers);

const serialize = createSerializer(pricingParsers);

/** "/pricing?title=canon+ae-1&goal=fast". */
export function pricingAddress(address: Partial<PricingAddress>): string {
  return serialize("/pricing", address);
}
