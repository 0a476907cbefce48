/// The instructions of a pickle, protocols 2 to 5, that Python's own pickler writes for data.
///
/// Those that only hand-made or much older files hold (`INST`, `OBJ`, `PERSID`, `EXT1`, and numbers as text) are
/// unknown here.
///
/// - Reference: CPython, `Lib/pickletools.py`.
enum PickleOpcode: UInt8 {
    // The frame of the file.
    case proto = 0x80
    case frame = 0x95
    case stop = 0x2E

    // The stack and the memo.
    case mark = 0x28
    case pop = 0x30
    case popMark = 0x31
    case dup = 0x32
    case binput = 0x71
    case longBinput = 0x72
    case memoize = 0x94
    case binget = 0x68
    case longBinget = 0x6A

    // Numbers.
    case none = 0x4E
    case newTrue = 0x88
    case newFalse = 0x89
    case binint = 0x4A
    case binint1 = 0x4B
    case binint2 = 0x4D
    case long1 = 0x8A
    case long4 = 0x8B
    case binfloat = 0x47

    // Text and bytes.
    case binunicode = 0x58
    case shortBinunicode = 0x8C
    case binunicode8 = 0x8D
    case binstring = 0x54
    case shortBinstring = 0x55
    case binbytes = 0x42
    case shortBinbytes = 0x43
    case binbytes8 = 0x8E
    case bytearray8 = 0x96

    // Containers.
    case emptyTuple = 0x29
    case tuple = 0x74
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case emptyList = 0x5D
    case list = 0x6C
    case append = 0x61
    case appends = 0x65
    case emptyDict = 0x7D
    case dict = 0x64
    case setItem = 0x73
    case setItems = 0x75
    case emptySet = 0x8F
    case addItems = 0x90
    case frozenSet = 0x91

    // Python objects.
    case global = 0x63
    case stackGlobal = 0x93
    case reduce = 0x52
    case newObject = 0x81
    case build = 0x62
    case binPersistentID = 0x51
}
