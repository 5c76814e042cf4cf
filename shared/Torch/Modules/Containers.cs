using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules one after the other.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.IModule<Tensor, Tensor>> _steps = [];

    protected internal Sequential(params nn.Module<Tensor, Tensor>[] modules)
        : base(nameof(Sequential))
    {
        foreach (var module in modules)
            append(module);
    }

    protected internal Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules)
        : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
            append(name, module);
    }

    public int Count => _steps.Count;

    [System.Runtime.CompilerServices.IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => _steps[index];

    public Sequential append(nn.IModule<Tensor, Tensor> module) => append(_steps.Count.ToString(), module);

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        _steps.Add(module);
        register_module(name, (nn.Module)module);
        return this;
    }

    public override Tensor forward(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var result = tensor.alias();
        foreach (var step in _steps)
            result = step.call(result);
        return result.MoveToOuterDisposeScope();
    }
}

/// <summary>Modules in a list; their names are their positions.</summary>
public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
{
    private readonly List<T> _items = [];

    public ModuleList(params T[] modules)
        : base(nameof(ModuleList<T>)) => append(modules);

    public int Count => _items.Count;

    public bool IsReadOnly => false;

    public T this[int index]
    {
        get => _items[index];
        set
        {
            _items[index] = value;
            RegisterComponents();
        }
    }

    public void Add(T item)
    {
        _items.Add(item);
        register_module((_items.Count - 1).ToString(), item);
    }

    public void append(params T[] parameters) => extend(parameters);

    public void extend(IEnumerable<T> modules)
    {
        foreach (var module in modules)
            Add(module);
    }

    public void Insert(int index, T item)
    {
        _items.Insert(index, item);
        RegisterComponents();
    }

    public bool Remove(T item)
    {
        var found = _items.Remove(item);
        RegisterComponents();
        return found;
    }

    public void RemoveAt(int index)
    {
        _items.RemoveAt(index);
        RegisterComponents();
    }

    public void Clear()
    {
        _items.Clear();
        RegisterComponents();
    }

    public bool Contains(T item) => _items.Contains(item);

    public int IndexOf(T item) => _items.IndexOf(item);

    public void CopyTo(T[] array, int arrayIndex) => _items.CopyTo(array, arrayIndex);

    public IEnumerator<T> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents()
    {
        ClearModules();
        for (var i = 0; i < _items.Count; i++)
            register_module(i.ToString(), _items[i]);
    }
}
