namespace TorchSharp;

/// <summary>Frees everything that was made while it was its thread's innermost scope, unless moved out.</summary>
public sealed partial class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? _current;

    private readonly List<IDisposable?> _members = [];
    private readonly DisposeScope? _outer;
    private bool _closed;

    internal DisposeScope()
    {
        _outer = _current;
        _current = this;
    }

    internal static DisposeScope? Current => _current;

    public int DisposablesCount => _members.Count(m => m is not null);

    public IReadOnlyList<IDisposable> DisposablesView => _members.OfType<IDisposable>().ToList();

    public void Attach(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            tensor.Scope?.Forget(tensor);
            Adopt(tensor);
        }
        else if (!_members.Contains(disposable))
        {
            _members.Add(disposable);
        }
    }

    public void Attach(params IDisposable[] disposables)
    {
        foreach (var disposable in disposables)
            Attach(disposable);
    }

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        var list = disposables.ToList();
        list.ForEach(Attach);
        return list;
    }

    /// <summary>Whether the scope would free the object.</summary>
    public bool Contains(IDisposable disposable) => disposable is torch.Tensor tensor
        ? ReferenceEquals(tensor.Scope, this)
        : _members.Contains(disposable);

    /// <summary>Tells the scope that the object was freed by its owner.</summary>
    public void MarkAsDisposed(IDisposable disposable) => Remove(disposable);

    public void DisposeEverything() => DisposeEverythingBut();

    /// <summary>Frees all members and closes the scope.</summary>
    public void Dispose()
    {
        if (_closed)
            return;

        _closed = true;
        DisposeEverything();
        for (var scope = _current; scope is not null; scope = scope._outer)
            if (ReferenceEquals(scope, this))
            {
                _current = _outer;
                break;
            }
    }

    internal void Adopt(torch.Tensor tensor)
    {
        tensor.Scope = this;
        tensor.Slot = _members.Count;
        _members.Add(tensor);
    }

    internal void Forget(torch.Tensor tensor)
    {
        _members[tensor.Slot] = null;
        if (tensor.Slot == _members.Count - 1)
            _members.RemoveAt(tensor.Slot);
        tensor.Scope = null;
    }

    private void Remove(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            if (ReferenceEquals(tensor.Scope, this))
                Forget(tensor);
        }
        else
        {
            _members.Remove(disposable);
        }
    }
}
