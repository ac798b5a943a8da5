/** The event that members send to speak, and the push that brings it to all. */
export const talkSpeech = { say: "say", said: "said" } as const;

/** Another server may have other names for them, with the same fields. */
export type Speech = typeof talkSpeech;
