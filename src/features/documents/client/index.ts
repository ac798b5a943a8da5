export {
  type DocumentAccess,
  DocumentProvider,
  type ProviderOptions,
  type ProviderState,
  type ProviderStatus,
} from "./provider.ts";
