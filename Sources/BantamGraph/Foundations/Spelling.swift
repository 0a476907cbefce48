/// Finds what somebody may have meant by a name that is not known.
public enum Spelling {
    /// The known names that differ from `name` in few letters, nearest first.
    ///
    /// Upper and lower case are one. A third of the letters may differ, and at most two.
    public static func nearest(to name: String, among known: [String]) -> [String] {
        let wanted = Array(name.lowercased())
        let allowed = min(2, wanted.count / 3)
        return known.map { (name: $0, distance: distance(wanted, Array($0.lowercased()))) }
            .filter { $0.distance <= allowed }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
            .map(\.name)
    }

    /// The letters to insert, delete or replace to make one word of the other.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        guard abs(left.count - right.count) <= 2 else { return .max }
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
