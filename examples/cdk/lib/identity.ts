// identity.ts
export interface Identity {
  sub: string;
  clientId: string;
  tokenUse: "access" | "id";
  expiresAt: string; // RFC 3339
  decisionId?: string; // ID of this decision in the authorizer's log
  username?: string; // absent for a machine client
  groups?: string; // joined by a space; absent if there are none
  scopes?: string;
  sessionId?: string;
}
