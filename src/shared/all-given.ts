/** Options with their defaults filled in: under `exactOptionalPropertyTypes` an option may also be given as undefined. */
export type AllGiven<T> = { [K in keyof T]-?: NonNullable<T[K]> };
