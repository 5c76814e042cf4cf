using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A part of a network: named parameters, buffers and modules, in the order of registration.</summary>
        public partial class Module : IDisposable
        {
            private readonly OrderedDictionary<string, Parameter> _params = [];
            private readonly OrderedDictionary<string, (Tensor Tensor, bool Persistent)> _buffers = [];
            private readonly OrderedDictionary<string, Module> _submodules = [];
            private readonly string _name;
            private bool _training = true;

            protected Module(string name) => _name = name;

            public bool training => _training;

            public virtual string GetName() => _name;

            public virtual void train(bool train = true)
            {
                _training = train;
                foreach (var child in children())
                    child.train(train);
            }

            public virtual void eval() => train(false);

            public virtual void register_module(string name, Module submodule) =>
                Register(_submodules, name, submodule);

            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>The parameter then belongs to the module and no longer to a dispose scope.</summary>
            public virtual void register_parameter(string name, Parameter param)
            {
                param?.DetachFromDisposeScope();
                Register(_params, name, param!);
            }

            /// <summary>A tensor that is stored with the module but not trained.</summary>
            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                tensor.DetachFromDisposeScope();
                Register(_buffers, name, (tensor, persistent));
            }

            /// <summary>Registers every field that holds a module, a parameter or (as a buffer) a tensor.</summary>
            protected virtual void RegisterComponents()
            {
                const BindingFlags fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
                foreach (var field in GetType().GetFields(fields))
                    switch (field.GetValue(this))
                    {
                        case Module module when !_submodules.ContainsKey(field.Name):
                            register_module(field.Name, module);
                            break;
                        case Modules.Parameter parameter when !_params.ContainsKey(field.Name):
                            register_parameter(field.Name, parameter);
                            break;
                        case Tensor tensor and not Modules.Parameter when !_buffers.ContainsKey(field.Name):
                            register_buffer(field.Name, tensor);
                            break;
                    }
            }

            /// <summary>Puts the parameter in the place of one of that name; null removes it.</summary>
            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                if (value is null)
                    _params.Remove(name);
                else if (_params.ContainsKey(name))
                    _params[name] = (Parameter)value.DetachFromDisposeScope();
                else
                    register_parameter(name, value);
            }

            protected void ClearModules() => _submodules.Clear();

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var child in children())
                    child.apply(fn);
                fn(this);
                return this;
            }

            /// <summary>Clears the gradients to null, so that unused parameters get no update.</summary>
            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    using var grad = parameter.grad;
                    if (grad is null)
                        continue;
                    if (set_to_none)
                        parameter.grad = null;
                    else
                        grad.zero_();
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                    return;

                foreach (var parameter in _params.Values)
                    parameter?.Dispose();
                foreach (var (tensor, _) in _buffers.Values)
                    tensor.Dispose();
                foreach (var child in children())
                    child.Dispose();
            }

            /// <summary>Sets a layer's parameter, freeing the one it had.</summary>
            private protected void Set(ref Parameter? field, string name, Parameter? value)
            {
                if (!ReferenceEquals(field, value))
                    field?.Dispose();
                field = value;
                ConditionallyRegisterParameter(name, value);
            }

            private static void Register<T>(OrderedDictionary<string, T> members, string name, T member)
            {
                if (name.Contains('.'))
                    throw new ArgumentException($"the name \"{name}\" of a module's member must not hold a dot");
                if (!members.TryAdd(name, member))
                    throw new ArgumentException($"the module already has a member \"{name}\"");
            }
        }
    }
}
