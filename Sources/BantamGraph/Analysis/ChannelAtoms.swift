/// The single indices along the axes that channels lie on, joined to channels.
struct ChannelAtoms {
    /// By axis: the number of its first atom, or -1 where no channels lie.
    private var firstAtom: [Int]
    /// By atom: its axis.
    private var axisOfAtom: [Int32] = []
    private var sets: DisjointSets

    init(of axes: AxisGraph) {
        var components = DisjointSets(count: axes.extents.count)
        for link in axes.links { components.unite(Int(link.source), Int(link.target)) }
        var isProduced = [Bool](repeating: false, count: axes.extents.count)
        for (axis, part) in axes.parts.enumerated() where part?.part == .producer {
            isProduced[components.root(of: axis)] = true
        }
        firstAtom = Array(repeating: -1, count: axes.extents.count)
        for (axis, extent) in axes.extents.enumerated() where isProduced[components.root(of: axis)] {
            firstAtom[axis] = axisOfAtom.count
            axisOfAtom.append(contentsOf: repeatElement(Int32(axis), count: extent))
        }
        sets = DisjointSets(count: axisOfAtom.count)
        for link in axes.links where firstAtom[Int(link.source)] >= 0 {
            join(link, count: axes.extents[Int(link.source)])
        }
    }

    private mutating func join(_ link: AxisGraph.Link, count: Int) {
        let source = firstAtom[Int(link.source)]
        let target = firstAtom[Int(link.target)]
        for index in 0..<count {
            switch link.mapping {
            case .same: sets.unite(source + index, target + index)
            case .offset(let offset): sets.unite(source + index, target + index + offset)
            case .modulo(let modulus): sets.unite(source + index, target + index % modulus)
            case .blocks(let size):
                for position in index * size..<(index + 1) * size { sets.unite(source + index, target + position) }
            }
        }
    }

    // MARK: Channels

    /// Atoms by channel, ascending within a channel; channels in the order of their first atoms.
    struct Channels {
        fileprivate var atoms: [Int32]
        fileprivate var starts: [Int]

        var count: Int { starts.count - 1 }

        func atoms(of channel: Int) -> ArraySlice<Int32> { atoms[starts[channel]..<starts[channel + 1]] }
    }

    /// Sorts the atoms by the set they belong to, in linear time.
    mutating func channels() -> Channels {
        var channelOfAtom = [Int](repeating: 0, count: axisOfAtom.count)
        var starts = [0]
        for atom in axisOfAtom.indices {
            // A set's root is its smallest atom, so it is met first.
            let root = sets.root(of: atom)
            if root == atom {
                channelOfAtom[atom] = starts.count - 1
                starts.append(0)
            } else {
                channelOfAtom[atom] = channelOfAtom[root]
            }
            starts[channelOfAtom[atom] + 1] += 1
        }
        for channel in starts.indices.dropFirst() { starts[channel] += starts[channel - 1] }
        var next = starts
        var atoms = [Int32](repeating: 0, count: axisOfAtom.count)
        for (atom, channel) in channelOfAtom.enumerated() {
            atoms[next[channel]] = Int32(atom)
            next[channel] += 1
        }
        return Channels(atoms: atoms, starts: starts)
    }

    func axis(of atom: Int32) -> AxisGraph.AxisID { axisOfAtom[Int(atom)] }

    /// Where the atom lies along its axis.
    func index(of atom: Int32) -> Int { Int(atom) - firstAtom[Int(axis(of: atom))] }
}
