import QtQuick
import "../theme"

// The kiosk itself, seen from the front, in the scene's units: drawn by rectangles, which cost neither memory nor time.
Item {
    id: machine

    // "side": a device plate beside the screen; "below": under it; "touch" and "code": a large screen alone.
    property string layout: "side"
    property bool isMirrored: false
    property real unit: 1
    readonly property bool isSide: layout === "side"
    readonly property bool isBelow: layout === "below"
    readonly property var shell: isSide ? [64, 30, 352, 350] : isBelow ? [100, 22, 280, 360] : [92, 22, 296, 380]
    readonly property var screen: isSide ? [88, 56, 196, 224] : isBelow ? [124, 46, 232, 112] : [118, 48, 244, 272]
    readonly property var plate: isSide ? [302, 56, 92, 224] : [124, 176, 232, 150]
    readonly property int rows: layout === "touch" ? 3 : layout === "code" ? 0 : isBelow ? 1 : 2
    readonly property real rowTop: screen[1] + (layout === "touch" ? 74 : 62)
    readonly property real rowStep: layout === "touch" ? 66 : (isBelow ? screen[3] - 62 : (screen[3] - 74) / 2)
    readonly property color stroke: Theme.isHigh ? "#FFFFFF" : "#1D1A16"
    readonly property color glow: Theme.isHigh ? "#FFF25E" : "#BFE0D6"

    function across(place: var): real {
        return Math.round((isMirrored ? 480 - place[0] - place[2] : place[0]) * unit);
    }

    component Block: Rectangle {
        property var place: [0, 0, 0, 0]
        // What is on the screen keeps its sides when the machine is mirrored.
        property bool isInner: false
        x: isInner ? machine.across(machine.screen) + Math.round((place[0] - machine.screen[0]) * machine.unit) : machine.across(place)
        y: Math.round(place[1] * machine.unit)
        width: Math.round(place[2] * machine.unit)
        height: Math.round(place[3] * machine.unit)
    }

    Block {
        place: machine.shell
        radius: 22 * machine.unit
        color: Theme.isHigh ? "#000000" : "#FFFFFF"
        border.width: Math.max(2, Math.round(3.4 * machine.unit))
        border.color: machine.stroke
    }
    Block {
        place: machine.screen
        radius: 12 * machine.unit
        color: Theme.isHigh ? "#1C1C1C" : "#0C4E49"
        border.width: Math.max(2, Math.round(3.4 * machine.unit))
        border.color: machine.stroke
    }
    Block {
        visible: machine.layout !== "code"
        isInner: true
        place: [machine.screen[0] + 20, machine.screen[1] + 22, machine.screen[2] * 0.5, 11]
        radius: height / 2
        color: machine.glow
    }
    Block {
        visible: machine.layout !== "code"
        isInner: true
        place: [machine.screen[0] + 20, machine.screen[1] + 42, machine.screen[2] * 0.3, 7]
        radius: height / 2
        color: machine.glow
    }
    Repeater {
        model: 3

        Item {
            id: row
            required property int index
            readonly property real at: machine.rowTop + index * machine.rowStep
            readonly property real tall: machine.rowStep - 12
            visible: index < machine.rows

            Block {
                isInner: true
                place: [machine.screen[0] + 20, row.at, machine.screen[2] - 40, row.tall]
                radius: 9 * machine.unit
                color: "transparent"
                border.width: Math.max(1, Math.round(2.6 * machine.unit))
                border.color: machine.glow
            }
            Block {
                isInner: true
                place: [machine.screen[0] + 20 + row.tall * 0.28, row.at + row.tall / 2 - Math.min(11, row.tall * 0.22), 2 * Math.min(11, row.tall * 0.22), 2 * Math.min(11, row.tall * 0.22)]
                radius: height / 2
                color: machine.glow
            }
            Block {
                isInner: true
                place: [machine.screen[0] + 28 + row.tall * 0.9, row.at + row.tall / 2 - 3.5, machine.screen[2] * 0.34, 7]
                radius: height / 2
                color: machine.glow
            }
        }
    }
    Block {
        visible: machine.isSide || machine.isBelow
        place: machine.plate
        radius: 14 * machine.unit
        color: Theme.isHigh ? "#080808" : "#E9E0CF"
        border.width: Math.max(2, Math.round(3.4 * machine.unit))
        border.color: machine.stroke
    }
    Block {
        visible: machine.isSide
        place: [66, 311, 348, 3.4]
        color: machine.stroke
    }
    Block {
        visible: machine.isSide
        place: [88, 328, 60, 8]
        radius: height / 2
        color: Theme.isHigh ? "#FFFFFF" : "#E9E0CF"
    }
}
