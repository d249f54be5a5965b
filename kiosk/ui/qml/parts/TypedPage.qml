import QtQuick

// A page on which digits are typed: from least to most of them, and they are gone with their page.
PageBase {
    property string typed: ""
    property string heldFor: ""
    property int least: 1
    property int most: 1

    // Another page begins: what it starts with.
    signal began()

    takesDigits: true
    isMainReady: typed.length >= least && typed.length <= most

    function type(name: string): void {
        if (name === "delete")
            typed = typed.slice(0, -1);
        else if (name === "clear")
            typed = "";
        else if (typed.length < most)
            typed += name;
    }
    function key(name: string): bool {
        if (name === "enter") {
            if (isMainReady && page.main)
                submitMain(page.main.id);
            return true;
        }
        type(name);
        return true;
    }
    function submitMain(action: string): bool {
        face.submit(action, body.field, typed);
        return true;
    }
    function forget(): void {
        typed = "";
        heldFor = "";
    }

    // A change of language or size keeps what was typed; another question does not.
    onPageChanged: {
        const now = page ? page.key : "";
        if (now !== heldFor) {
            heldFor = now;
            typed = "";
            if (page)
                began();
        }
    }
}
