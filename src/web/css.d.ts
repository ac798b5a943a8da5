// The bundler reads styles imported from a module; the compiler only has to know that they exist.
declare module "*.css";
declare module "quill-cursors/css";
