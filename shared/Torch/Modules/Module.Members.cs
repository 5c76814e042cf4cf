using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            public virtual IEnumerable<Module> children() => _submodules.Values.Where(m => m is not null);

            public virtual IEnumerable<(string name, Module module)> named_children() =>
                _submodules.Where(m => m.Value is not null).Select(m => (m.Key, m.Value));

            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            /// <summary>All modules below this one, with dotted paths.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var (name, child) in named_children())
                {
                    yield return (name, child);
                    foreach (var (inner, module) in child.named_modules())
                        yield return ($"{name}.{inner}", module);
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(p => p.parameter);

            /// <summary>Own parameters first, then those of the submodules; a shared parameter appears once.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
                foreach (var (path, owner) in Owners(recurse))
                    foreach (var (name, parameter) in owner._params)
                        if (parameter is not null && seen.Add(parameter))
                            yield return (path + name, parameter);
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(
                bool recurse = true, bool include_nonpersistent = true)
            {
                foreach (var (path, owner) in Owners(recurse))
                    foreach (var (name, (tensor, persistent)) in owner._buffers)
                        if (persistent || include_nonpersistent)
                            yield return (path + name, tensor);
            }

            public virtual bool has_parameter(string target) => named_parameters().Any(p => p.name == target);

            public virtual bool has_buffer(string target) => named_buffers().Any(b => b.name == target);

#nullable disable annotations // As in TorchSharp: null if there is none of that name.
            public virtual Parameter get_parameter(string target) =>
                named_parameters().FirstOrDefault(p => p.name == target).parameter;

            public virtual Tensor get_buffer(string target) =>
                named_buffers().FirstOrDefault(b => b.name == target).buffer;
#nullable restore annotations

            /// <summary>Parameters and persistent buffers by dotted path: the objects, not copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict(
                Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                var start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (name, parameter) in named_parameters())
                    destination[start + name] = parameter;
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false))
                    destination[start + name] = buffer;
                return destination;
            }

            /// <summary>Copies values in; strict raises an error if a name is missing or unknown.</summary>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var state = state_dict();
                var missing = state.Keys.Where(k => !source.ContainsKey(k) && skip?.Contains(k) != true).ToList();
                var unexpected = source.Keys.Where(k => !state.ContainsKey(k)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                    throw new InvalidOperationException(
                        $"the state does not fit {GetName()}: missing [{string.Join(", ", missing)}], " +
                        $"unknown [{string.Join(", ", unexpected)}]");

                using var noGrad = no_grad();
                foreach (var (name, tensor) in state)
                    if (skip?.Contains(name) != true && source.TryGetValue(name, out var value))
                        Copy(name, value, tensor);
                return (missing, unexpected);
            }

            private static void Copy(string name, Tensor source, Tensor target)
            {
                if (!source.shape.SequenceEqual(target.shape))
                    throw new ArgumentException(
                        $"\"{name}\" is [{string.Join(", ", target.shape)}] in the module and " +
                        $"[{string.Join(", ", source.shape)}] in the state");
                target.copy_(source);
            }

            private IEnumerable<(string Path, Module Owner)> Owners(bool recurse)
            {
                yield return ("", this);
                if (!recurse)
                    yield break;
                foreach (var (name, child) in named_children())
                    foreach (var (path, owner) in child.Owners(true))
                        yield return ($"{name}.{path}", owner);
            }

            /// <summary>Moves all parameters and buffers; the objects stay, so fields need no update.</summary>
            internal void Place(ScalarType? type, Device? device)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                foreach (var tensor in parameters().Concat(buffers()))
                {
                    var target = tensor.is_floating_point() ? type ?? tensor.dtype : tensor.dtype;
                    if (target == tensor.dtype && (device is null || device.type == tensor.device_type))
                        continue;
                    var wanted = tensor.requires_grad;
                    tensor.Become(tensor.detach().to(target, device ?? tensor.device));
                    tensor.requires_grad = wanted;
                }
            }
        }
    }
}
