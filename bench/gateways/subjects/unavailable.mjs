/** Why a subject cannot be measured here, which its row then says. */
export class Unavailable extends Error {}
