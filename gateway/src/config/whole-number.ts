import { z } from 'zod';

/** A setting that is a whole number from 0 to `max`, and `fallback` where it is not set. */
export function wholeNumber(max: number, fallback: number): z.ZodType<number> {
  const problem = `must be a whole number from 0 to ${String(max)}`;
  return z
    .string()
    .regex(/^[0-9]{1,9}$/, problem)
    .transform(Number)
    .refine((value) => value <= max, problem)
    .default(fallback);
}
