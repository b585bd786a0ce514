// Codes, and numbers that stand for something in the streams of the plan.

export const NEVER = 2147483647; // a rank: no station of the plan serves this place
export const NOT_WANTED = 2147483646; // a rank: nothing is asked for here
export const OUTSIDE = -1; // a rank: a neighbour station serves this place from the start
export const NARROW = 65533; // the least code of a rank in 16 bits, see wideRanks() in plan.js
export const UNHEARD = 255; // a signal: nothing is heard
export const PASS = "pass"; // a verdict on a site: no rule hits it
