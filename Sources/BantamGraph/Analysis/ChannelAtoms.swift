/// The single indices along the axes that channels lie on, joined to channels.
///
/// Most operators pass their axes on as they are. Axes linked like that, index by index, form a line, and have their
/// atoms in common: those of the line's first axis.
struct ChannelAtoms {
    /// By axis: the first axis of its line.
    private let lineOfAxis: [AxisGraph.AxisID]
    /// By line: its axes where channels lie along it, ascending.
    private var axesOfLine: [AxisGraph.AxisID: [AxisGraph.AxisID]] = [:]
    /// By line: the number of its first atom, or -1 where no channels lie.
    private var firstAtom: [Int]
    /// By atom: its line.
    private var lineOfAtom: [AxisGraph.AxisID] = []
    private var sets: DisjointSets

    init(of axes: AxisGraph) {
        var lines = DisjointSets(count: axes.extents.count)
        for link in axes.links where link.mapping == .same { lines.unite(Int(link.source), Int(link.target)) }
        var components = lines
        for link in axes.links where link.mapping != .same { components.unite(Int(link.source), Int(link.target)) }
        var isProduced = [Bool](repeating: false, count: axes.extents.count)
        for (axis, part) in axes.parts.enumerated() where part?.part == .producer {
            isProduced[components.root(of: axis)] = true
        }
        // A set's root is its smallest member.
        lineOfAxis = axes.extents.indices.map { AxisGraph.AxisID(lines.root(of: $0)) }
        firstAtom = Array(repeating: -1, count: axes.extents.count)
        for (axis, extent) in axes.extents.enumerated() where isProduced[components.root(of: axis)] {
            let line = lineOfAxis[axis]
            axesOfLine[line, default: []].append(AxisGraph.AxisID(axis))
            guard Int(line) == axis else { continue }
            firstAtom[axis] = lineOfAtom.count
            lineOfAtom.append(contentsOf: repeatElement(line, count: extent))
        }
        sets = DisjointSets(count: lineOfAtom.count)
        for link in axes.links where link.mapping != .same {
            let line = Int(lineOfAxis[Int(link.source)])
            if firstAtom[line] >= 0 {
                join(link, count: axes.extents[line], targetCount: axes.extents[Int(link.target)])
            }
        }
    }

    private mutating func join(_ link: AxisGraph.Link, count: Int, targetCount: Int) {
        let source = firstAtom[Int(lineOfAxis[Int(link.source)])]
        let target = firstAtom[Int(lineOfAxis[Int(link.target)])]
        sets.unite(along: link.mapping, from: source, count: count, to: target, count: targetCount)
    }

    // MARK: Channels

    /// Atoms by channel, ascending within a channel; channels in the order of their first atoms.
    struct Channels {
        fileprivate var atoms: [Int32]
        fileprivate var starts: [Int]

        var count: Int { starts.count - 1 }

        func atoms(of channel: Int) -> ArraySlice<Int32> { atoms[starts[channel]..<starts[channel + 1]] }

        /// One of the channel's atoms, counted from its smallest.
        func atom(_ place: Int, of channel: Int) -> Int { Int(atoms[starts[channel] + place]) }
    }

    /// Sorts the atoms by the set they belong to, in linear time.
    mutating func channels() -> Channels {
        var channelOfAtom = [Int](repeating: 0, count: lineOfAtom.count)
        var starts = [0]
        for atom in lineOfAtom.indices {
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
        var atoms = [Int32](repeating: 0, count: lineOfAtom.count)
        for (atom, channel) in channelOfAtom.enumerated() {
            atoms[next[channel]] = Int32(atom)
            next[channel] += 1
        }
        return Channels(atoms: atoms, starts: starts)
    }

    func line(of atom: Int32) -> AxisGraph.AxisID { lineOfAtom[Int(atom)] }

    func line(ofAxis axis: AxisGraph.AxisID) -> AxisGraph.AxisID { lineOfAxis[Int(axis)] }

    func axes(of line: AxisGraph.AxisID) -> [AxisGraph.AxisID] { axesOfLine[line] ?? [] }

    /// The atom of a line's index 0.
    func firstAtom(of line: AxisGraph.AxisID) -> Int { firstAtom[Int(line)] }

    /// Where the atom lies along the axes of its line.
    func index(of atom: Int32) -> Int { Int(atom) - firstAtom[Int(line(of: atom))] }
}
