// Codes, and numbers that stand for something in the streams of the plan.

export const NEVER = 65535; // a rank: no station of the plan serves this place
export const NOT_WANTED = 65534; // a rank: nothing is asked for here
export const BY_NEIGHBOUR = 65533; // a rank: a neighbour station serves this place from the start
export const OUTSIDE = -1; // the same as it compares with a count, see comparable() in plan.js
export const UNHEARD = 255; // a signal: nothing is heard
export const PASS = "pass"; // a verdict on a site: no rule hits it
