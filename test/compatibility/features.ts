/** A feature of the API, what shows that it works, and what of it doesn't. */
export interface Feature {
  readonly name: string;
  /** Tests, as paths below the repository's root, that show it against a real API server or real clients. */
  readonly shownBy: readonly string[];
  /** What of it is missing or other than in Kubernetes, and why. */
  readonly lacks?: string;
}

export interface FeatureGroup {
  readonly title: string;
  readonly features: readonly Feature[];
}
