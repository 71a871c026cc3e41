/** Types of the parts of Preact and htm that liveshop uses. */
export interface VNode { readonly type: unknown; readonly props: unknown; readonly key: unknown }
export type Child = VNode | string | number | boolean | null | undefined | Child[];
export type Ref<T> = { current: T };
export function h(type: unknown, props: object | null, ...children: Child[]): VNode;
export function html(strings: TemplateStringsArray, ...values: unknown[]): any;
export function render(node: Child, parent: Element): void;
export abstract class Component<P = {}, S = {}> {
  constructor(props: P);
  props: P & { children?: Child };
  state: S;
  setState(change: Partial<S>): void;
  abstract render(): Child;
}
export interface Context<T> { readonly Provider: unknown; readonly _value?: T }
export function createContext<T>(value: T): Context<T>;
export function useContext<T>(context: Context<T>): T;
export function useState<T>(initial: T | (() => T)): [T, (next: T | ((now: T) => T)) => void];
export function useReducer<S, A>(reducer: (state: S, action: A) => S, initial: S): [S, (action: A) => void];
export function useEffect(run: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useLayoutEffect(run: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useRef<T>(initial: T): Ref<T>;
export function useMemo<T>(make: () => T, inputs: readonly unknown[]): T;
export function useCallback<T extends (...args: any[]) => any>(run: T, inputs: readonly unknown[]): T;
export function useErrorBoundary(onError?: (error: unknown) => void): [unknown, () => void];
